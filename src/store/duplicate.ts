// Tells a refused duplicate from every other failure of a statement.

/** Prisma's code for "unique constraint failed". */
export const isDuplicate = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'P2002';
