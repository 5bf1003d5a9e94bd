/*
 * Real networks and photographs beside other programs that take turns with Fovea on this machine: engines alone (ONNX Runtime,
 * OpenVINO; batches of 1, 8 and 32 on one and on all cores), then whole servers (FastAPI, Pillow in draft mode, ONNX Runtime or
 * OpenVINO, `bench/real/peer.py`) at 1, 16 and 64 connections.
 *
 *   pip install onnx==1.23.2 onnxruntime==1.32.0 openvino==2026.4.1 fastapi uvicorn pillow
 *   npm run bench -- real --folder <folder> --python <python> [--part engines|servers] [--precision float32|int8]
 *     [--rounds 3] [--seconds 2] [<network> …]
 *
 * <folder> has networks that `bench/architectures/make.py` made and `bench/architectures.bench.ts` imported. For int8 it gets
 * calibrations of Fovea and files that ONNX Runtime quantized, both from the same photograph.
 */
import './help.js';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { describeMachine } from './machine.js';
import { photograph } from './photographs/photograph.js';
import { type EngineRate, engineRates } from './real/engines.js';
import { networkOf } from './real/folder.js';
import { quantizedOf } from './real/quantize.js';
import { type ServerRate, serverRates } from './real/servers.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    folder: { type: 'string' },
    python: { type: 'string', default: 'python3' },
    part: { type: 'string' },
    precision: { type: 'string', default: 'float32' },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '2' },
  },
});
const settings = z
  .object({
    folder: z.string(),
    python: z.string(),
    part: z.enum(['engines', 'servers']).optional(),
    precision: z.enum(['float32', 'int8']),
    rounds: z.coerce.number().int().positive(),
    seconds: z.coerce.number().int().positive(),
  })
  .parse(values);
const ENGINE_NETWORKS = ['MobileNetV2', 'ResNet50', 'EfficientNetB0', 'InceptionV3'];
const SERVER_NETWORKS = ['MobileNetV2', 'ResNet50', 'InceptionV3'];
const WIDTHS = [500, 1920];

function row(...cells: readonly (string | number)[]): void {
  console.log(`| ${cells.map((cell) => (typeof cell === 'number' ? cell.toFixed(1) : cell)).join(' | ')} |`);
}

function showEngines({ network, threads, rows, rates }: EngineRate): void {
  const { Fovea, onnxruntime, openvino } = rates;
  const ratio = (Fovea / Math.max(onnxruntime, openvino)).toFixed(2);
  row(network, `${threads}`, `${rows}`, Fovea, onnxruntime, openvino, ratio);
}

function showServers(rates: readonly ServerRate[]): void {
  for (const ours of rates.filter(({ server }) => server === 'Fovea')) {
    const { network, photograph: photo, connections, requestsPerSecond, p50Ms, p99Ms, failures } = ours;
    const peers = rates.filter(
      (rate) => rate.server !== 'Fovea' && rate.photograph === photo && rate.connections === connections,
    );
    const shown = peers.flatMap((peer) => [
      peer.requestsPerSecond,
      `${peer.p50Ms.toFixed(0)} / ${peer.p99Ms.toFixed(0)}`,
    ]);
    const ratio = (requestsPerSecond / Math.max(...peers.map((peer) => peer.requestsPerSecond))).toFixed(2);
    const latencies = `${p50Ms.toFixed(0)} / ${p99Ms.toFixed(0)}`;
    const failed = failures + peers.reduce((sum, peer) => sum + peer.failures, 0);
    row(network, photo, `${connections}`, requestsPerSecond, latencies, ...shown, ratio, `${failed}`);
  }
}

const networksOf = (fallback: readonly string[]) =>
  Promise.all(
    (positionals.length > 0 ? positionals : fallback).map(async (name) => {
      const network = await networkOf(settings.folder, name);
      return settings.precision === 'int8' ? quantizedOf(network, settings.folder, settings.python) : network;
    }),
  );

console.log(
  `${describeMachine()}; ${settings.precision}, medians of ${settings.rounds} rounds of ${settings.seconds} s`,
);
if (settings.part !== 'servers') {
  console.log('\n## Engines, images/s\n');
  row('network', 'threads', 'batch', 'Fovea', 'ONNX Runtime', 'OpenVINO', 'Fovea / the better');
  row(...Array.from({ length: 7 }, () => '---'));
  for (const network of await networksOf(ENGINE_NETWORKS))
    for (const rate of await engineRates(network, settings)) showEngines(rate);
}
if (settings.part !== 'engines') {
  const photographs = await Promise.all(
    WIDTHS.map(async (width) => ({
      name: `${width} pixels`,
      file: await (await photograph(width)).jpeg({ quality: 90 }).toBuffer(),
    })),
  );
  console.log('\n## Servers, one photograph a request: requests/s, p50 / p99 in ms\n');
  row(
    ...[
      'network',
      'photograph',
      'connections',
      'Fovea',
      '',
      'with ONNX Runtime',
      '',
      'with OpenVINO',
      '',
      'Fovea / the better',
      'failures',
    ],
  );
  row(...Array.from({ length: 11 }, () => '---'));
  for (const network of await networksOf(SERVER_NETWORKS))
    showServers(await serverRates(network, photographs, settings));
}
process.exit();
