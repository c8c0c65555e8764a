import { command } from '../args/command.ts';
export const config = command({ name: 'config', summary: 'x', flags: {}, operands: [], run: async () => 0 });
