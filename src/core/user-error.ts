/** A refusal that is shown to the person as it stands: it says what is allowed or what to do. */
export class UserError extends Error {
  override name = 'UserError';
}
