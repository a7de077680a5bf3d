import type { SchedulerClient } from '../../client/index.ts';
import { type Finding, ok, reasonOf, warning } from './finding.ts';

/** Asks the API whether it is ready. */
export async function examineApi(client: SchedulerClient, url: string): Promise<Finding> {
  try {
    const { status } = await client.ready({ timeout: 3_000 });
    return ok('api', `${url} is ${status}`);
  } catch (error) {
    // There may be none here: it can be asked from elsewhere.
    const remedy = 'Start one (`npm run api`), or set SCHEDULER_URL to where it is.';
    return warning('api', `${url}: ${reasonOf(error)}`, remedy);
  }
}
