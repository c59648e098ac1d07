// Generated from proto/ by `npm run generate`. Do not edit.

/** Something that the caller does. */
export interface ChatRequest {
  /** Chosen by the caller; comes back in what answers to this action. May be empty. */
  actionId: string;
  join?: JoinRoom;
  leave?: LeaveRoom;
  say?: SayInRoom;
  readHistory?: ReadHistory;
  /** Name of the field of this oneof that is set. */
  action?: 'join' | 'leave' | 'say' | 'readHistory';
}

/** Enters a room. Answered with its history, then its presence. */
export interface JoinRoom {
  /** `orders/` and the order's id. */
  roomId: string;
  /** How many past messages to send; 0: the service's default. */
  historySize: number;
}

/** Leaves a room. */
export interface LeaveRoom {
  /** `orders/` and the order's id. */
  roomId: string;
}

/** Says something to everybody in a room, oneself included. */
export interface SayInRoom {
  /** `orders/` and the order's id. */
  roomId: string;
  /** Plain text. */
  text: string;
}

/** Asks for older messages of a room that the caller is in. */
export interface ReadHistory {
  /** `orders/` and the order's id. */
  roomId: string;
  /** Only messages before this one; 0: the newest. */
  beforeSequence: number;
  /** At most this many; 0: the service's default. */
  pageSize: number;
}

/** Something that happens in a room. */
export interface ChatResponse {
  /** Of the caller's action that this answers to; empty where others acted. */
  actionId: string;
  /** `orders/` and the order's id; empty for an error that is about no room. */
  roomId: string;
  message?: ChatMessage;
  presence?: Presence;
  history?: History;
  left?: RoomLeft;
  error?: ChatError;
  /** Name of the field of this oneof that is set. */
  event?: 'message' | 'presence' | 'history' | 'left' | 'error';
}

/** Something that was said. */
export interface ChatMessage {
  /** UUIDv7. */
  messageId: string;
  /** 1 for a room's first message, then one more each time. */
  sequence: number;
  author: Participant | null;
  /** Plain text. */
  text: string;
  /** When it was said. */
  createTime: Date | null;
}

/** Who is in the room. Sent to a caller that joins, and to everybody when somebody comes or goes. */
export interface Presence {
  /** Everybody who is there now, each person once. */
  participants: Participant[];
  /** Who came or went; absent when the caller itself joined. */
  participant: Participant | null;
  change: PresenceChange;
}

/** Somebody in a room. */
export interface Participant {
  /** UUIDv7. */
  userId: string;
  /** As the account has it; may be empty. */
  displayName: string;
  /** There for the platform's support, not as the order's owner. */
  support: boolean;
}

/** Past messages. */
export interface History {
  /** Oldest first. */
  messages: ChatMessage[];
  /** There are older ones. */
  hasMore: boolean;
}

/** The caller is no longer in the room. */
export interface RoomLeft {
}

/** An action could not be done. The conversation goes on. */
export interface ChatError {
  /** A value of google.rpc.Code. */
  code: number;
  /** For the user. */
  message: string;
}

/** Who came or went. */
export type PresenceChange =
  | 'PRESENCE_CHANGE_UNSPECIFIED'
  | 'PRESENCE_CHANGE_JOINED'
  | 'PRESENCE_CHANGE_LEFT';
