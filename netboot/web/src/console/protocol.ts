// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Reads netbootd's text messages (docs/console.md). Whatever has another form is ignored: later versions may send more.

export type Role = "view" | "control";
export interface Viewer {
  readonly label: string;
  readonly role: Role;
  readonly you: boolean;
}
export interface Hello {
  readonly type: "hello";
  readonly server: string;
  readonly role: Role;
  readonly resume: string;
  readonly viewers: readonly Viewer[];
  readonly keyboard: string;
  readonly sessionEnds: string;
}
export type Message =
  | Hello
  | { readonly type: "viewers"; readonly viewers: readonly Viewer[] }
  | { readonly type: "notice"; readonly text: string }
  | { readonly type: "session"; readonly sessionEnds: string }
  | { readonly type: "ending"; readonly reason: string };

/** Limit of a text message, in UTF-16 units; netbootd sends far less. */
export const textLimit = 65536;
const viewersLimit = 64;

/** Returns the message, or undefined for text that is none or of an unknown type. */
export function parseMessage(text: string): Message | undefined {
  if (text.length > textLimit) return undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(parsed)) return undefined;
  switch (parsed["type"]) {
    case "hello":
      return hello(parsed);
    case "viewers":
      return { type: "viewers", viewers: viewers(parsed["viewers"]) };
    case "notice":
      return { type: "notice", text: string(parsed["text"], 500) };
    case "session":
      return { type: "session", sessionEnds: string(parsed["session_ends"], 40) };
    case "ending":
      return { type: "ending", reason: string(parsed["reason"], 40) };
    default:
      return undefined;
  }
}

function hello(parsed: Record<string, unknown>): Hello {
  return {
    type: "hello",
    server: string(parsed["server"], 64),
    role: role(parsed["role"]),
    resume: string(parsed["resume"], 128),
    viewers: viewers(parsed["viewers"]),
    keyboard: string(parsed["keyboard"], 32),
    sessionEnds: string(parsed["session_ends"], 40),
  };
}

function viewers(value: unknown): readonly Viewer[] {
  if (!Array.isArray(value)) return [];
  return value.slice(0, viewersLimit).filter(isObject).map((viewer) => ({
    label: string(viewer["label"], 64),
    role: role(viewer["role"]),
    you: viewer["you"] === true,
  }));
}

/** Whatever is not "control" may only watch. */
function role(value: unknown): Role {
  return value === "control" ? "control" : "view";
}

function string(value: unknown, limit: number): string {
  return typeof value === "string" ? value.slice(0, limit) : "";
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
