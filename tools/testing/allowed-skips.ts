/** Reasons for which a test may be left out in CI; any other skip fails there. One line each, with why CI cannot have it. */
export const allowedSkips: readonly string[] = [
  'needs dockerd', // Comparisons with Docker run where somebody installed it.
  'needs the conformance data', // Recorded outputs of the reference; they are not part of the repository.
  'needs chromium', // A hundred packages; what the portal shows is tested over HTTP too.
];
