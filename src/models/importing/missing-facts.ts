import { FoveaError } from '../../platform/errors.js';
import type { FactValues } from './fact-values.js';
import type { Facts } from './facts.js';
import { type ImportField, spell } from './import-fields.js';

type Say = (field: ImportField) => string;

interface Question {
  /** Each of them answers the question, alone or with others. */
  readonly fields: readonly ImportField[];
  readonly text: (say: Say) => string;
}

/** What to say for a fact that no file states. */
const QUESTIONS = {
  name: { fields: ['name'], text: (say) => `${say('name')}: what the model is called` },
  size: {
    fields: ['size'],
    text: (say) =>
      `${say('size')} <height>x<width>: the network takes images of any size, so that somebody must choose`,
  },
  layout: {
    fields: ['layout'],
    text: (say) =>
      `${say('layout')} nchw or nhwc: whether channels come before or after height and width in the file`,
  },
  channels: { fields: ['channels'], text: (say) => `${say('channels')} 1 or 3` },
  scaling: {
    fields: ['preset', 'mean', 'std', 'scale', 'offset'],
    text: (say) =>
      `${say('preset')} <name>, or ${say('mean')} and ${say('std')} (of pixels 0..1), or ${say('scale')} and ${say('offset')} (of pixels 0..255): how pixels become numbers`,
  },
  resize: {
    fields: ['preset', 'resize', 'interpolation', 'antialias'],
    text: (say) =>
      `${say('preset')} <name>, or ${say('resize')} stretch, cover, contain or <edge>: how a picture gets the size of the network`,
  },
  activation: {
    fields: ['activation'],
    text: (say) =>
      `${say('activation')} softmax, sigmoid or none: what is still to be applied to the outputs of the network`,
  },
  labels: {
    fields: ['labels'],
    text: (say) => `${say('labels')} <file>: a name for each class, one a line`,
  },
} as const satisfies Partial<Record<keyof FactValues, Question>>;

/** Every manifest needs these. */
export type NeededFact = keyof typeof QUESTIONS;

const NEEDED: readonly NeededFact[] = [
  'name',
  'size',
  'layout',
  'channels',
  'scaling',
  'resize',
  'activation',
  'labels',
];

/** @throws FoveaError `facts_missing` naming the fields for each fact that nobody stated */
export function requireFacts(facts: Facts): void {
  const missing = NEEDED.filter((name) => facts.sourceOf(name) === undefined);
  if (missing.length === 0) return;
  const questions: readonly Question[] = missing.map((name) => QUESTIONS[name]);
  const lines = questions.map(({ text }) => `  ${text((field) => facts.say(field))}`);
  throw factsMissing(['No file says, so state:', ...lines].join('\n'), {
    missing,
    fields: questions.flatMap(({ fields }) => fields),
  });
}

interface Missing {
  readonly missing: readonly string[];
  readonly fields: readonly ImportField[];
  /** What a field may be set to. */
  readonly choices?: readonly string[];
}

export function factsMissing(message: string, { missing, fields, choices }: Missing): FoveaError {
  const each = [...new Set(fields)];
  return new FoveaError('facts_missing', message, {
    details: {
      missing,
      fields: each,
      flags: each.map((field) => spell(field, 'flags')),
      ...(choices && { choices }),
    },
  });
}
