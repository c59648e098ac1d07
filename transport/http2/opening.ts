// What a side says first: the client's preface, our SETTINGS, and credit for the connection (RFC 9113 section 3.4).
// Everything is announced from the beginning, so that no setting ever changes under way.
import {
  CLIENT_PREFACE,
  DEFAULT_WINDOW,
  SETTINGS_ENABLE_PUSH,
  SETTINGS_HEADER_TABLE_SIZE,
  SETTINGS_INITIAL_WINDOW_SIZE,
  SETTINGS_MAX_CONCURRENT_STREAMS,
  SETTINGS_MAX_FRAME_SIZE,
  SETTINGS_MAX_HEADER_LIST_SIZE,
} from '../wire/frame.ts';
import type { FrameOutput } from '../wire/frame-output.ts';
import type { ConnectionLimits } from './guard/limits.ts';

export function writeOpening(output: FrameOutput, role: 'client' | 'server', limits: ConnectionLimits): void {
  if (role === 'client') output.raw(CLIENT_PREFACE);
  const settings: [number, number][] = [
    [SETTINGS_MAX_CONCURRENT_STREAMS, limits.maxConcurrentStreams],
    [SETTINGS_INITIAL_WINDOW_SIZE, limits.streamWindow],
    [SETTINGS_MAX_FRAME_SIZE, limits.maxFrameSize],
    [SETTINGS_MAX_HEADER_LIST_SIZE, limits.maxHeaderListSize],
    [SETTINGS_HEADER_TABLE_SIZE, limits.headerTableSize],
  ];
  if (role === 'client') settings.push([SETTINGS_ENABLE_PUSH, 0]);
  output.settings(settings);
  const extra = limits.connectionWindow - DEFAULT_WINDOW;
  if (extra > 0) output.windowUpdate(0, extra);
}
