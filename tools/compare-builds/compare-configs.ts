type Member = Readonly<Record<string, unknown>>;

interface Document {
  readonly config: object;
  readonly history: readonly Member[];
}

const keys = [
  'Env',
  'Cmd',
  'Entrypoint',
  'WorkingDir',
  'User',
  'Labels',
  'ExposedPorts',
  'Volumes',
  'StopSignal',
  'Healthcheck',
  'Shell',
  'OnBuild',
] as const;

/** Differences of configurations and, with BuildKit, whose words ours are, of what the build has added to the history. */
export function compareConfigs(ours: Document, theirs: Document, isBuildKit: boolean): readonly string[] {
  const [here, there] = [ours.config as Member, theirs.config as Member];
  // Only BuildKit writes that of every CMD.
  const lines = [...keys, ...(isBuildKit ? (['ArgsEscaped'] as const) : [])].flatMap((key) => {
    const [own, other] = [shown(withoutOwn(here[key])), shown(there[key])];
    // The classic builder says it where nothing was said.
    return own === other || (key === 'WorkingDir' && own === '"/"' && other === 'nothing')
      ? []
      : [`${key}: here ${own}, there ${other}`];
  });
  return isBuildKit ? [...lines, ...compareHistories(ours.history, theirs.history)] : lines;
}

/**
 * Lines of the base are left out: it was imported in two ways. Newer BuildKits write the value in force after ARG, a list after EXPOSE
 * and the instruction's words after HEALTHCHECK, and so do we.
 */
function compareHistories(ours: readonly Member[], theirs: readonly Member[]): readonly string[] {
  const words = ({ created_by: by, comment, empty_layer: isEmpty, author }: Member): string =>
    JSON.stringify({ by: String(by).replace(rewritten, '$1'), comment, isEmpty: isEmpty === true, author });
  const ofBuild = (list: readonly Member[]) => list.filter((one) => one['comment'] === 'buildkit.dockerfile.v0').map(words);
  const [own, other] = [ofBuild(ours), ofBuild(theirs)];
  return Array.from({ length: Math.max(own.length, other.length) }, (_, index) => index).flatMap((index) =>
    own[index] === other[index]
      ? []
      : [`history ${index}: here ${own[index] ?? 'nothing'}`, `           there ${other[index] ?? 'nothing'}`],
  );
}

const rewritten = /^(ARG \w+|EXPOSE|HEALTHCHECK)(?: .*|=.*)?$/;

const recipeLabel = 'org.tscompose.recipe';

function withoutOwn(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !(recipeLabel in value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([key]) => key !== recipeLabel));
}

function shown(value: unknown): string {
  if (value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0)) return 'nothing';
  if (typeof value !== 'object' || Array.isArray(value)) return JSON.stringify(value);
  const entries = Object.entries(value).sort();
  return entries.length === 0 ? 'nothing' : JSON.stringify(Object.fromEntries(entries));
}
