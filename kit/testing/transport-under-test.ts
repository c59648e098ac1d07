// The transport that tests run on: what FAIRLEAD_TRANSPORT says in the environment of the test run, else the default.
// Tests make the environments of the services that they start by hand, so each has to be told.
import { kitVariables } from '../config/kit-variables.ts';
import { processEnvironment } from '../config/process-environment.ts';
import { readConfig } from '../config/read-config.ts';
import { loadTransport, type Transport, type TransportName } from '../run/load-transport.ts';

const { FAIRLEAD_TRANSPORT } = kitVariables;

/** Name of the transport that tests run on. */
export const transportUnderTest: TransportName = readConfig(
  { FAIRLEAD_TRANSPORT },
  processEnvironment(),
).FAIRLEAD_TRANSPORT;

/** Loads the transport that tests run on. */
export function loadTransportUnderTest(): Promise<Transport> {
  return loadTransport(transportUnderTest);
}
