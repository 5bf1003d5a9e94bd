/*
 * Real networks and photographs beside other programs that take turns with Fovea on this machine: engines alone (ONNX Runtime,
 * OpenVINO; batches of 1, 8 and 32 on one and on all cores), then whole servers (FastAPI, Pillow in draft mode, ONNX Runtime or
 * OpenVINO in float32, `bench/real/peer.py`) at 1, 16 and 64 connections.
 *
 *   pip install onnx==1.23.2 onnxruntime==1.32.0 openvino==2026.4.1 fastapi uvicorn pillow
 *   npm run bench -- real --folder <folder> --python <python> [--part engines|servers] [--precision float32|int8]
 *     [--rounds 3] [--seconds 2] [<network> …]
 *
 * <folder> has networks that `bench/architectures/make.py` made and `bench/architectures.bench.ts` imported. For int8 it gets
 * calibrations of Fovea and files that ONNX Runtime quantized, both from the same photograph. `--precision` is that of the engines;
 * servers of Fovea run in both.
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
  for (const { network, photograph: photo, connections } of rates.filter(
    ({ server }) => server === 'float32',
  )) {
    const same = rates.filter((rate) => rate.photograph === photo && rate.connections === connections);
    const best = Math.max(
      ...same.flatMap(({ share, requestsPerSecond }) => (share === undefined ? requestsPerSecond : [])),
    );
    const shown = same.flatMap(({ requestsPerSecond, p50Ms, p99Ms, share }) => [
      requestsPerSecond,
      `${p50Ms.toFixed(0)} / ${p99Ms.toFixed(0)}`,
      ...(share === undefined
        ? []
        : [(requestsPerSecond / best).toFixed(2), `${(100 * share).toFixed(0)} %`]),
    ]);
    row(
      network,
      photo,
      `${connections}`,
      ...shown,
      `${same.reduce((sum, { failures }) => sum + failures, 0)}`,
    );
  }
}

const namesOr = (all: readonly string[]) => (positionals.length > 0 ? positionals : all);

console.log(
  `${describeMachine()}; engines in ${settings.precision}, medians of ${settings.rounds} rounds of ${settings.seconds} s`,
);
if (settings.part !== 'servers') {
  console.log('\n## Engines, images/s\n');
  row('network', 'threads', 'batch', 'Fovea', 'ONNX Runtime', 'OpenVINO', 'Fovea / the better');
  row(...Array.from({ length: 7 }, () => '---'));
  for (const name of namesOr(ENGINE_NETWORKS)) {
    const plain = await networkOf(settings.folder, name);
    const isInt8 = settings.precision === 'int8';
    const network = isInt8 ? await quantizedOf(plain, settings.folder, settings.python) : plain;
    for (const rate of await engineRates(network, settings)) showEngines(rate);
  }
}
if (settings.part !== 'engines') {
  const photographs = await Promise.all(
    WIDTHS.map(async (width) => ({
      name: `${width} pixels`,
      file: await (await photograph(width)).jpeg({ quality: 90 }).toBuffer(),
    })),
  );
  console.log('\n## Servers, one photograph a request: requests/s, p50 / p99 in ms\n');
  const ours = (precision: string) => [precision, '', '/ the better peer', 'of decoding and engine'];
  const peers = ['with ONNX Runtime', '', 'with OpenVINO', ''];
  row(
    'network',
    'photograph',
    'connections',
    ...ours('Fovea, float32'),
    ...ours('Fovea, int8'),
    ...peers,
    'failures',
  );
  row(...Array.from({ length: 16 }, () => '---'));
  for (const name of namesOr(SERVER_NETWORKS))
    showServers(await serverRates(await networkOf(settings.folder, name), photographs, settings));
}
process.exit();
