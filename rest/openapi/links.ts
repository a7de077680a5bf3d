/** What can be done with the events of an answer (OpenAPI links), for tools that walk an API. */

function linksTo(id: string) {
  const to = (operationId: string) => ({ operationId, parameters: { id } });
  return {
    event: to('getEvent'),
    status: to('getEventStatus'),
    instances: to('listInstances'),
    replace: to('replaceEvent'),
    cancel: to('cancelEvent'),
  };
}

export const linksOfEvent = linksTo('$response.body#/id');
export const linksOfFirstEvent = linksTo('$response.body#/0/id');
