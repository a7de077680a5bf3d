/**
 * Grafast decides at import whether it runs its development checks, and complains when nobody said.
 * Imported before it.
 */
process.env.GRAPHILE_ENV ??= 'production';
