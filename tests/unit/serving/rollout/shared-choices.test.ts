import t from 'tap';
import type { RolloutChoice } from '../../../../src/models/repository/rollout-choices.js';
import type { SharedChoice } from '../../../../src/models/repository/rollout-table.js';
import { FoveaError } from '../../../../src/platform/errors.js';
import { type Follower, SharedChoices } from '../../../../src/serving/rollout/shared-choices.js';

function active(version: number): RolloutChoice {
  return { active: { version, previous: null }, traffic: null };
}

function openChoices(rows: SharedChoice[], retryMs = 60_000) {
  const kept = new Map<string, RolloutChoice>();
  const looks: (string | undefined)[] = [];
  const choices = new SharedChoices({
    local: {
      of: (model) => kept.get(model),
      set: async (model, choice) => void kept.set(model, choice),
      remove: async (model) => void kept.delete(model),
    },
    table: {
      read: async () => rows,
      publish: async (model, choice) => {
        const revision = Math.max(0, ...rows.map((row) => row.revision)) + 1;
        rows.push({ model, choice, revision });
        return revision;
      },
      remove: async () => 9,
    },
    onLook: (failure) => looks.push(failure?.code),
    retryMs,
  });
  return { choices, kept, looks };
}

t.test('a choice is followed once, and what this server chose itself never', async (t) => {
  const rows: SharedChoice[] = [{ model: 'pets', choice: active(2), revision: 1 }];
  const { choices, kept, looks } = openChoices(rows);
  const followed: string[] = [];
  const follow: Follower = {
    follow: async (model, choice, keep) => {
      followed.push(`${model} ${choice.active?.version}`);
      await keep();
    },
    drop: async (model) => void followed.push(`drop ${model}`),
  };
  await choices.look(follow);
  await choices.look(follow);
  await choices.set('pets', active(3));
  await choices.look(follow);
  t.same(followed, ['pets 2']);
  t.same(kept.get('pets'), active(3));
  rows.push({ model: 'pets', choice: active(4), revision: 9 });
  await choices.look(follow);
  t.same(followed, ['pets 2', 'pets 4']);
  rows.splice(0, rows.length, {
    model: 'pets',
    choice: { active: null, traffic: null, deleted: true },
    revision: 10,
  });
  await choices.look(follow);
  t.equal(followed.at(-1), 'drop pets');
  t.equal(kept.get('pets'), undefined, 'a new model of this name begins without a choice');
  t.same(looks, [undefined, undefined, undefined, undefined, undefined]);
});

t.test('a choice that cannot be followed is told at every look, and tried again after a while', async (t) => {
  const row = { model: 'pets', choice: active(2), revision: 1 };
  let tries = 0;
  const follow: Follower = {
    follow: async () => {
      tries += 1;
      throw new FoveaError('not_found', 'The repository has no such version.');
    },
    drop: async () => undefined,
  };
  const patient = openChoices([row]);
  await patient.choices.look(follow);
  await patient.choices.look(follow);
  t.equal(tries, 1);
  t.same(patient.looks, ['not_found', 'not_found']);
  const eager = openChoices([row], 0);
  await eager.choices.look(follow);
  await eager.choices.look(follow);
  t.equal(tries, 3);
  t.equal(eager.kept.size, 0, 'and is not kept');
});

t.test(
  'a choice whose version was missing at the start is told, and tried again after a while',
  async (t) => {
    const { choices, looks } = openChoices([{ model: 'pets', choice: active(2), revision: 1 }], 0);
    let tries = 0;
    const follow: Follower = {
      follow: async (_model, _choice, keep) => {
        tries += 1;
        await keep();
      },
      drop: async () => undefined,
    };
    await choices.look(follow);
    choices.missed('pets', new FoveaError('not_found', 'The repository has no such version.'));
    choices.missed('other', new FoveaError('not_found', 'Nobody chose it.'));
    await choices.look(follow);
    await choices.look(follow);
    t.equal(tries, 2);
    t.same(looks, [undefined, undefined, undefined]);
    const patient = openChoices([{ model: 'pets', choice: active(2), revision: 1 }]);
    await patient.choices.look(follow);
    patient.choices.missed('pets', new FoveaError('not_found', 'The repository has no such version.'));
    await patient.choices.look(follow);
    t.same(patient.looks, [undefined, 'not_found']);
  },
);
