// The portal: the address behind # says what is shown; everything comes from core's API.
import { call, NotAllowed } from './api.js';
import { showProjects } from './projects.js';
import { showRepository } from './repository.js';

const byId = (id) => document.getElementById(id);
const session = { user: null, isAdmin: false };

/** Shows what the address names: all projects and repositories, those that match a search, or one repository. */
async function show() {
  const [, place = '', rest = ''] = /^#\/([^/]*)\/?(.*)$/.exec(location.hash) ?? [];
  try {
    const content =
      place === 'repositories'
        ? await showRepository(decodeURIComponent(rest), { reload: show, say })
        : await showProjects(place === 'search' ? decodeURIComponent(rest) : '');
    byId('main').replaceChildren(content);
  } catch (error) {
    byId('main').replaceChildren();
    say(error instanceof NotAllowed && session.user === null ? `${error.message}: log in` : error.message);
  }
}

/** A line below the header, until the next one; nothing hides it. */
function say(text = '') {
  byId('notice').textContent = text;
  byId('notice').hidden = text === '';
}

function takeSession({ user, isAdmin }) {
  Object.assign(session, { user, isAdmin });
  byId('login').hidden = user !== null;
  byId('account').hidden = user === null;
  byId('user').textContent = user ?? '';
}

byId('login').addEventListener('submit', async (event) => {
  event.preventDefault();
  const { user, password } = Object.fromEntries(new FormData(event.target));
  try {
    takeSession(await call('POST', '/api/session', { user, password }));
    event.target.reset();
    say();
    await show();
  } catch (error) {
    say(error.message);
  }
});

byId('logout').addEventListener('click', async () => {
  await call('DELETE', '/api/session');
  takeSession({ user: null, isAdmin: false });
  await show();
});

byId('search').addEventListener('submit', (event) => {
  event.preventDefault();
  const words = new FormData(event.target).get('words').trim();
  location.hash = words === '' ? '#/' : `#/search/${encodeURIComponent(words)}`;
});

addEventListener('hashchange', () => {
  say();
  show();
});

takeSession(await call('GET', '/api/session'));
await show();
