import { call, repositoryPath } from './api.js';
import { element, sizeText, table } from './elements.js';

/** The projects that the user may see, each with its repositories; only those that match, when something is searched for. */
export async function showProjects(search) {
  const [projects, repositories] = await Promise.all([
    call('GET', '/api/projects'),
    call('GET', `/api/repositories?search=${encodeURIComponent(search)}`),
  ]);
  const sections = projects.map((project) => [project, repositories.filter(({ name }) => name.startsWith(`${project.name}/`))]);
  const shown = sections.filter(([, inside]) => search === '' || inside.length > 0);
  if (shown.length === 0)
    return element('p', { class: 'empty' }, search === '' ? 'No projects.' : `Nothing matches “${search}”.`);
  return element('div', {}, ...shown.map(([project, inside]) => projectSection(project, inside)));
}

function projectSection(project, repositories) {
  const badges = [project.isPublic ? 'public' : 'private', ...(project.role === null ? [] : [project.role])];
  const heading = element('h2', {}, project.name, ...badges.map((text) => element('span', { class: 'badge' }, text)));
  const rows = repositories.map(({ name, tags, sizeBytes }) => [
    element('a', { href: `#/repositories/${repositoryPath(name)}` }, name),
    String(tags),
    sizeText(sizeBytes),
  ]);
  return element('section', {}, heading, table(['Repository', 'Tags', 'Size'], rows, 'Nothing has been pushed yet.'));
}
