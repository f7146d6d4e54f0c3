import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chartDirectory } from '../chart/chart-files.ts';
import { givenPassword, HelmClient, type KubernetesManifest } from '../chart/testing/helm-client.ts';

const runbookUrl = 'https://runbooks.example.com/usb';
let helm: HelmClient;
let rendered: readonly KubernetesManifest[];

beforeAll(async () => {
  helm = await HelmClient.open(3);
  rendered = await helm.template({
    ...givenPassword,
    monitoring: {
      prometheusRule: { enabled: true, runbookUrl },
      dashboard: { enabled: true },
      otlp: { endpoint: 'http://collector.monitoring:4318', traceShare: 0.25 },
    },
  });
}, 900_000);
afterAll(() => helm?.close());

/** As JSON, in which a test can look for what it needs. */
function textOf(kind: string, name: string): string {
  const found = rendered.find((manifest) => manifest.kind === kind && manifest.metadata.name === name);
  if (found === undefined) throw new Error(`The chart has no ${kind} ${name}`);
  return JSON.stringify(found);
}

describe('the monitoring of the chart', () => {
  it('links each alert to its runbook', () => {
    const rule = textOf('PrometheusRule', 'autoweave');
    const links = [...rule.matchAll(/"alert":"(\w+)".*?"runbook_url":"(.*?)"/g)];
    expect(links.length).toBeGreaterThan(10);
    for (const [, alert, link] of links) expect(link).toBe(`${runbookUrl}/${alert}.md`);
    expect(rule).not.toContain('%RUNBOOKS%');
  });

  it('leaves the placeholders of Prometheus to Prometheus', () => {
    expect(textOf('PrometheusRule', 'autoweave')).toContain('{{ $labels.node }}');
  });

  it('brings the dashboard as it is', () => {
    const { data } = JSON.parse(textOf('ConfigMap', 'autoweave-dashboard')) as {
      readonly data: Record<string, string>;
    };
    const [text = ''] = Object.values(data);
    expect(JSON.parse(text)).toEqual(JSON.parse(readFileSync(join(chartDirectory, 'files/dashboard.json'), 'utf8')));
  });

  it('tells every process where the collector is, and how much to trace', () => {
    const workloads = textOf('Deployment', 'autoweave-operator') + textOf('DaemonSet', 'autoweave-node-agent');
    const endpoint = '{"name":"OTEL_EXPORTER_OTLP_ENDPOINT","value":"http://collector.monitoring:4318"}';
    const share = '{"name":"OTEL_TRACES_SAMPLER_ARG","value":"0.25"}';
    // Operator, agent and executor.
    expect(workloads.split(endpoint)).toHaveLength(4);
    expect(workloads.split(share)).toHaveLength(4);
  });
});
