// The HTTP application of the embedded server. Its schemas are half of all the code there is, so it is loaded by the first
// request: a server that only Kafka clients use starts sooner and stays smaller.
import type { createHttpApp } from '../http/app.ts';
import type { HttpDeps } from '../http/route.ts';

type App = ReturnType<typeof createHttpApp>;

/** Answers requests; the application is made when the first one comes. */
export function createLateHttpApp(deps: HttpDeps): Pick<App, 'fetch'> {
  let loading: Promise<App> | undefined;
  const load = async (): Promise<App> => {
    const [{ createHttpApp }, { HTTP_ROUTES }] = await Promise.all([
      import('../http/app.ts'),
      import('../http/routes.ts'),
    ]);
    return createHttpApp(deps, HTTP_ROUTES);
  };
  return {
    fetch: async (...request) => {
      loading ??= load();
      return (await loading).fetch(...request);
    },
  };
}
