// A service of the kit under attack, as a process of its own.
import { answerLooks } from '../../transport/attacks/siege.ts';
import { startEchoService } from './echo-service.ts';

const { address } = await startEchoService(process.env.LISTEN ?? '127.0.0.1:0');
console.log(JSON.stringify({ port: Number(address.split(':').at(-1)) }));
answerLooks();
