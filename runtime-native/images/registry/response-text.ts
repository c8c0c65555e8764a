import { maxDocumentBytes } from '../image-document.ts';
import { RegistryError } from './registry-error.ts';
import type { HttpResponse } from './transport.ts';

/** The body of a small document, exactly; a larger one is refused, not held in memory. */
export async function readBytes(response: HttpResponse): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response.body as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxDocumentBytes) throw new RegistryError(`a document has more than ${maxDocumentBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

export async function readText(response: HttpResponse): Promise<string> {
  return (await readBytes(response)).toString();
}
