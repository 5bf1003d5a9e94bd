import { z } from 'zod';
import { FoveaError } from '../../platform/errors.js';
import { parseManifest } from '../repository/parse-manifest.js';
import type { ManifestDraft } from '../repository/write-version.js';
import type { FactValues, Scaling } from './fact-values.js';
import type { Facts } from './facts.js';
import { EXPECTED_PIXELS, type InnerScaling } from './inner-scaling.js';
import { type NeededFact, requireFacts } from './missing-facts.js';

export interface Origin {
  /** Of what was imported: a file's or a package's name. */
  readonly source: string;
  readonly sha256: string;
  readonly kind: string;
}

/** A manifest of what is known.
 * @param inner how the network scales its images itself
 * @throws FoveaError `facts_missing`; `bad_request` for what contradicts itself */
export function draftManifest(facts: Facts, origin: Origin, inner: InnerScaling | null): ManifestDraft {
  settle(facts, inner);
  requireFacts(facts);
  checkLabels(facts);
  const known = <K extends NeededFact>(name: K): FactValues[K] => facts.get(name) as FactValues[K];
  const { height, width } = known('size');
  const { scale, offset } = known('scaling');
  const [inputName, outputName, order] = [
    facts.get('input_name'),
    facts.get('output_name'),
    facts.get('color_order'),
  ];
  const channels = known('channels');
  const draft = {
    format: 2 as const,
    model: known('name'),
    created_at: new Date().toISOString(),
    description: `Imported from ${origin.source} (${origin.kind}).`,
    labels: [...known('labels')],
    ...(facts.get('label_ids') && { label_ids: [...(facts.get('label_ids') ?? [])] }),
    input: {
      ...(inputName !== undefined && { name: inputName }),
      height,
      width,
      channels,
      ...(channels === 3 && order !== undefined && { color_order: order }),
      layout: known('layout'),
      scale: [...scale].length === 1 ? (scale[0] ?? 1) : [...scale],
      offset: [...offset].length === 1 ? (offset[0] ?? 0) : [...offset],
      resize: known('resize'),
      crop: facts.get('crop') ?? 'none',
    },
    output: {
      ...(outputName !== undefined && { name: outputName }),
      activation: known('activation'),
      task: facts.get('task') ?? 'single',
      ...(facts.get('thresholds') && { thresholds: [...(facts.get('thresholds') ?? [])] }),
      drop_first: facts.get('drop_first') ?? 0,
    },
    provenance: {
      source: origin.source,
      sha256: origin.sha256,
      facts: Object.fromEntries(facts.rows().map(({ fact, from }) => [fact, from])),
    },
    ...(facts.get('license') !== undefined && { license: facts.get('license') }),
    metrics: {},
  };
  return checked(draft);
}

/** Draws conclusions: of a network that scales its images itself, and of what is so in almost every model. */
function settle(facts: Facts, inner: InnerScaling | null): void {
  if (inner !== null) {
    const { layer, range } = inner;
    const from = `the network scales pixels of ${range} itself (${layer})`;
    const expected = EXPECTED_PIXELS[range];
    const stated = facts.get('scaling');
    if (stated !== undefined && !isScaling(stated, expected) && facts.isRequested('scaling'))
      throw new FoveaError(
        'bad_request',
        `${facts.sourceOf('scaling')} would scale a second time: ${from}. Give ${facts.say('preset')} ${range}.`,
      );
    facts.state('scaling', expected, from);
  }
  if (facts.get('channels') === 1) facts.state('color_order', 'grey', 'one channel');
  facts.state('color_order', 'rgb', 'default');
  const activation = facts.get('activation');
  if (activation === 'sigmoid') facts.state('task', 'multi', 'a sigmoid');
  if (activation === 'softmax') facts.state('task', 'single', 'a softmax');
}

function isScaling({ scale, offset }: Scaling, expected: Scaling): boolean {
  const isAll = (numbers: readonly number[], [wanted = 0]: readonly number[]) =>
    numbers.every((number) => Math.abs(number - wanted) < 1e-6);
  return isAll(scale, expected.scale) && isAll(offset, expected.offset);
}

function checkLabels(facts: Facts): void {
  const [labels, outputs, dropped = 0] = [facts.get('labels'), facts.get('outputs'), facts.get('drop_first')];
  const empty = labels?.findIndex((label) => label.trim() === '') ?? -1;
  if (empty !== -1)
    throw new FoveaError('bad_request', `Label ${empty + 1} of ${facts.sourceOf('labels')} is empty.`);
  if (labels === undefined || outputs === undefined || labels.length + dropped === outputs) return;
  const advice =
    labels.length + 1 === outputs
      ? ` If the first class is a background, state ${facts.say('drop_first')} 1.`
      : ` State all ${outputs - dropped} by ${facts.say('labels')}.`;
  throw new FoveaError(
    'bad_request',
    `${facts.sourceOf('labels')} names ${labels.length} labels, the network gives ${outputs} classes.${advice}`,
  );
}

/** @throws FoveaError `bad_request` where the facts do not fit together */
function checked(draft: ManifestDraft): ManifestDraft {
  try {
    parseManifest({ ...draft, version: 1, files: {} });
    return draft;
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    throw new FoveaError('bad_request', `What was stated does not fit together: ${z.prettifyError(error)}`, {
      cause: error,
    });
  }
}
