import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { generatedPlugins } from '../plugins/example-plugins.ts';
import { generatedFiles } from './generated-files.ts';

for (const file of [...(await generatedFiles()), ...(await generatedPlugins())]) {
  await mkdir(dirname(file.path), { recursive: true });
  await writeFile(file.path, file.text);
}
