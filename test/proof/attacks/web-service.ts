// A service of WebSockets and of large answers, as a process of its own behind an edge that is attacked.

import { startHttpEcho } from '../../mesh/edge/http-echo.ts';
import { answerLooks } from '../../transport/attacks/siege.ts';

const { seen } = await startHttpEcho('web', process.env.LISTEN ?? '');
console.log(JSON.stringify({ listening: true }));
answerLooks(() => ({ seen }));
