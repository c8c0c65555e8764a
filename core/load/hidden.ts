/** Member under which the content of a config or secret taken from the environment travels; no key of a file can be equal to it. */
export const hiddenContent = '\u0000content';
