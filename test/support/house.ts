// What decides about requests, and what people ask beside pictures, over stores of memory.

import { Office } from '../../src/bots/office.ts';
import { OwnData } from '../../src/bots/own-data.ts';
import { Admission } from '../../src/core/admission.ts';
import { checkPrompt } from '../../src/core/moderation/moderation.ts';
import { RulesBook } from '../../src/core/rules-book.ts';
import { Usage } from '../../src/core/usage.ts';
import type { ModelCard } from '../../src/pipeline/model-card.ts';
import type { Queue } from '../../src/queue/queue.ts';
import type { memory } from './studio.ts';

export function houseOf(stores: ReturnType<typeof memory>, queue: Queue, cards: readonly ModelCard[]) {
  const now = (): Date => new Date();
  const rules = new RulesBook(stores.rules, now);
  const rulesOf = rules.of.bind(rules);
  const { ledger } = stores;
  const admission = new Admission({
    rulesOf,
    ledger,
    predictSeconds: (params) => queue.predictSeconds(params),
    now,
    check: checkPrompt,
  });
  const usage = new Usage({ ...stores, rulesOf });
  const office = new Office({ rules, usage, admission, cards, now });
  const account = {
    entriesOf: ledger.entriesOf.bind(ledger),
    forget: usage.forget.bind(usage),
  };
  const ownData = new OwnData({
    data: { ...stores, ledger: account },
    cancel: (id) => queue.cancel(id),
    now,
  });
  return { rules, rulesOf, admission, usage, office, ownData, now };
}
