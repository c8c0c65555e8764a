import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { page } from './page.js';
import { countVisit } from './visits.js';

const { name } = JSON.parse(readFileSync(new URL('../settings.json', import.meta.url), 'utf8'));

createServer(async (request, response) => {
  try {
    const visits = request.url === '/' ? await countVisit() : 0;
    response.setHeader('content-type', 'text/html; charset=utf-8').end(page({ name, visits }));
  } catch (error) {
    response.writeHead(503).end(`${error.message}\n`);
  }
}).listen(8080, () => console.log(`${name} listens`));
