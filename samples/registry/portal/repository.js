import { call, repositoryPath } from './api.js';
import { element, sizeText, table } from './elements.js';

/** One repository: its artifacts with tags, sizes and how to pull them, and a button to delete for those who may. */
export async function showRepository(name, { reload, say }) {
  const path = `/api/repositories/${repositoryPath(name)}/artifacts`;
  const [artifacts, projects] = await Promise.all([call('GET', path), call('GET', '/api/projects')]);
  const project = projects.find((one) => name.startsWith(`${one.name}/`));
  const mayDelete = project?.actions.includes('delete') ?? false;
  const rows = artifacts.map((artifact) => [
    element('span', {}, ...artifact.tags.map((tag) => element('span', { class: 'badge tag' }, tag))),
    sizeText(artifact.sizeBytes),
    artifact.pushedAt.replace('T', ' ').replace('Z', ''),
    element('code', { title: artifact.digest }, artifact.digest.slice(7, 19)),
    element(
      'code',
      {},
      `tscompose image pull ${location.host}/${name}${artifact.tags[0] ? `:${artifact.tags[0]}` : `@${artifact.digest}`}`,
    ),
    mayDelete ? deleteButton({ artifact, path, reload, say }) : '',
  ]);
  const headings = ['Tags', 'Size', 'Pushed (UTC)', 'Digest', 'Pull', ''];
  return element('section', {}, element('h2', {}, name), table(headings, rows, 'Nothing is left in this repository.'));
}

function deleteButton({ artifact, path, reload, say }) {
  const what = artifact.tags.length > 0 ? artifact.tags.join(', ') : artifact.digest;
  const remove = async () => {
    if (!confirm(`Delete ${what}? Its layers go with the next collection of garbage.`)) return;
    try {
      await call('DELETE', `${path}/${artifact.digest}`);
      await reload();
    } catch (error) {
      say(error.message);
    }
  };
  return element('button', { type: 'button', click: remove, 'aria-label': `Delete ${what}` }, 'Delete');
}
