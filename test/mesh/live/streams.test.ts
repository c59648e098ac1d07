import { describeStreams } from './describe-streams.ts';

describeStreams(true);
