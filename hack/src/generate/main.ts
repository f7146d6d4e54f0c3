import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { chartFiles } from '../chart/chart-files.ts';
import { argocdConfigMap } from '../gitops/argocd-config-map.ts';
import { metricsDocument } from '../observability/metrics-document.ts';
import { generatedPlugins } from '../plugins/example-plugins.ts';
import { generatedFiles } from './generated-files.ts';

const files = [
  ...(await generatedFiles()),
  ...(await generatedPlugins()),
  ...(await chartFiles()),
  await metricsDocument(),
  await argocdConfigMap(),
];
for (const file of files) {
  await mkdir(dirname(file.path), { recursive: true });
  await writeFile(file.path, file.text);
}
