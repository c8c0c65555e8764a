import { readFileSync } from 'node:fs';
import express from 'express';
import { page } from './page.js';
import { countVisit } from './visits.js';

const { name } = JSON.parse(readFileSync(new URL('../settings.json', import.meta.url), 'utf8'));

const application = express();
application.get('/', async (_request, response) => {
  try {
    response.send(page({ name, visits: await countVisit() }));
  } catch (error) {
    response.status(503).type('text').send(`${error.message}\n`);
  }
});
application.listen(8080, () => console.log(`${name} listens`));
