const list = document.querySelector('#entries');
const state = document.querySelector('#state');
const form = document.querySelector('#form');

async function show() {
  const response = await fetch('/entries.json');
  if (!response.ok) throw new Error(`the application answers ${response.status}`);
  const { title, entries } = await response.json();
  document.title = title;
  document.querySelector('#title').textContent = title;
  list.replaceChildren(...entries.map(item));
  state.textContent = entries.length === 0 ? 'Nobody has written yet. Be the first.' : '';
}

// Text only: an entry is somebody else's words.
function item({ author, text, writtenAt }) {
  const element = document.createElement('li');
  for (const [tag, words] of [
    ['p', text],
    ['footer', `${author}, ${writtenAt} UTC`],
  ]) {
    const part = document.createElement(tag);
    part.textContent = words;
    element.append(part);
  }
  return element;
}

const complain = (error) => {
  state.textContent = `That did not work: ${error.message}.`;
};

form.addEventListener('submit', (event) => {
  event.preventDefault();
  const body = new URLSearchParams(new FormData(form));
  fetch('/entries', { method: 'POST', body, redirect: 'manual' })
    .then(() => (form.querySelector('textarea').value = ''))
    .then(show)
    .catch(complain);
});

show().catch(complain);
