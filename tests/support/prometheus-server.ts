import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Test } from 'tap';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { freePort } from './free-port.js';

const FOLDER = 'deploy/prometheus';

/** Reason to skip tests with Prometheus; false when it is installed. */
export const NO_PROMETHEUS =
  spawnSync('promtool', ['--version']).error === undefined ? false : 'prometheus is missing';

const configSchema = z.looseObject({
  scrape_configs: z.tuple([z.looseObject({ dns_sd_configs: z.unknown() })]),
});

const answerSchema = z.object({
  status: z.literal('success'),
  data: z.object({ result: z.array(z.object({ value: z.tuple([z.number(), z.string()]) })) }),
});

const exemplarsSchema = z.object({
  status: z.literal('success'),
  data: z.array(z.object({ exemplars: z.array(z.object({ labels: z.record(z.string(), z.string()) })) })),
});

/** A Prometheus with our configuration that scrapes one server each second. It ends after the test. */
export class PrometheusServer {
  readonly #url: string;

  private constructor(url: string) {
    this.#url = url;
  }

  /** @param target host and port */
  static async start(t: Test, target: string): Promise<PrometheusServer> {
    const folder = t.testdir();
    const { scrape_configs, ...config } = configSchema.parse(
      parse(readFileSync(`${FOLDER}/prometheus.yml`, 'utf8')),
    );
    const { dns_sd_configs: _, ...job } = scrape_configs[0];
    const ours = {
      ...config,
      global: { scrape_interval: '1s', evaluation_interval: '1s' },
      scrape_configs: [{ ...job, static_configs: [{ targets: [target] }] }],
    };
    writeFileSync(join(folder, 'prometheus.yml'), stringify(ours));
    copyFileSync(`${FOLDER}/alerts.yml`, join(folder, 'alerts.yml'));
    const address = `127.0.0.1:${await freePort()}`;
    const options = {
      'config.file': join(folder, 'prometheus.yml'),
      'storage.tsdb.path': join(folder, 'data'),
      'web.listen-address': address,
      'log.level': 'error',
      'enable-feature': 'exemplar-storage',
    };
    const args = Object.entries(options).map(([name, value]) => `--${name}=${value}`);
    const child = spawn('prometheus', args, { stdio: ['ignore', 'inherit', 'inherit'] });
    t.teardown(async () => {
      const exit = once(child, 'exit');
      if (child.exitCode === null && child.kill('SIGKILL')) await exit;
    });
    const server = new PrometheusServer(`http://${address}`);
    while (child.exitCode === null && !(await server.#isReady())) await sleep(50);
    return server;
  }

  async #isReady(): Promise<boolean> {
    return (await fetch(`${this.#url}/-/ready`).catch(() => undefined))?.ok === true;
  }

  /** @returns the ids of the traces that exemplars of the series name */
  async traceIds(series: string): Promise<(string | undefined)[]> {
    const lastHour = { start: String(Date.now() / 1000 - 3600), end: String(Date.now() / 1000 + 60) };
    const query = new URLSearchParams({ query: series, ...lastHour });
    const response = await fetch(`${this.#url}/api/v1/query_exemplars?${query}`);
    const { data } = exemplarsSchema.parse(await response.json());
    return data.flatMap(({ exemplars }) => exemplars.map(({ labels }) => labels.trace_id));
  }

  /** @returns the value of each series that the query gives */
  async query(query: string): Promise<number[]> {
    const response = await fetch(`${this.#url}/api/v1/query?${new URLSearchParams({ query })}`);
    const text = await response.text();
    if (!response.ok) throw new Error(`${query}: ${text}`);
    return answerSchema.parse(JSON.parse(text)).data.result.map(({ value: [, value] }) => Number(value));
  }
}
