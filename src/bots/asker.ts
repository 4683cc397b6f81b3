// Who asks, as the core knows them.

import type { Asker } from '../core/admission.ts';
import type { Intent } from './chat.ts';

export function askerOf({
  by,
  place,
  roles,
  admin,
}: Pick<Intent, 'by' | 'place' | 'roles' | 'admin'>): Asker {
  const { channel, server, parent, ageRestricted } = place;
  return {
    by,
    channel,
    ...(server !== undefined && { server }),
    ...(parent !== undefined && { parent }),
    ...(roles && { roles }),
    ...(admin && { admin }),
    ...(ageRestricted && { ageRestricted }),
  };
}
