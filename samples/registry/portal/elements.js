/** An element with attributes (functions are listeners) and children (elements, text). Text is never taken for HTML. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === 'function') made.addEventListener(key, value);
    else made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

/** A table of rows of cells; `empty` is shown when there are none. */
export function table(headings, rows, empty) {
  if (rows.length === 0) return element('p', { class: 'empty' }, empty);
  const line = (kind) => (cells) => element('tr', {}, ...cells.map((cell) => element(kind, {}, cell)));
  return element('table', {}, element('thead', {}, line('th')(headings)), element('tbody', {}, ...rows.map(line('td'))));
}

/** `100.0 MB`. */
export function sizeText(bytes) {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), units.length - 1);
  return `${(bytes / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
}
