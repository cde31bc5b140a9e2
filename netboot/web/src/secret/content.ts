// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// The text of a secret. rescued's is JSON (docs/host-agent.md); panels seal what they like, which is shown as it is.
// Whoever made it may be hostile: every member is checked, and shown as text only.
import { member } from "./reveal";

export interface HostKey {
  readonly type: string;
  readonly fingerprint: string;
}
export interface Access {
  readonly server: string;
  readonly user: string;
  readonly password: string;
  readonly addresses: readonly string[];
  readonly ssh?: { readonly port: number; readonly command: string; readonly knownHosts: string; readonly hostKeys: readonly HostKey[] };
  readonly rdp?: { readonly port: number; readonly certificate: string };
  /** Path of the console's page with its pass; empty if there is none. */
  readonly console: string;
}

const mostAddresses = 16;
const mostKeys = 16;
const longest = 4096;

/** Undefined if the text is not of the known form: it is then shown as it is. */
export function accessIn(text: string): Access | undefined {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return undefined;
  }
  const password = member(body, "password");
  if (member(body, "format") !== 1 || typeof password !== "string" || password === "") return undefined;
  const ssh = sshIn(member(body, "ssh"));
  const rdp = rdpIn(member(body, "rdp"));
  return {
    server: textIn(body, "server"),
    user: textIn(body, "user"),
    password,
    addresses: listIn(body, "addresses", mostAddresses).filter((one): one is string => typeof one === "string" && isAddress(one)),
    ...(ssh === undefined ? {} : { ssh }),
    ...(rdp === undefined ? {} : { rdp }),
    console: consoleIn(body),
  };
}

function sshIn(body: unknown): Access["ssh"] {
  const port = portIn(body);
  if (port === undefined) return undefined;
  const hostKeys = listIn(body, "host_keys", mostKeys).map((key) => ({
    type: textIn(key, "type"),
    fingerprint: textIn(key, "fingerprint"),
  }));
  return { port, command: textIn(body, "command"), knownHosts: textIn(body, "known_hosts"), hostKeys };
}

function rdpIn(body: unknown): Access["rdp"] {
  const port = portIn(body);
  return port === undefined ? undefined : { port, certificate: textIn(body, "certificate") };
}

/** The console's page of this netbootd, and nothing else. */
function consoleIn(body: unknown): string {
  const path = textIn(body, "console");
  return /^\/console\/[A-Za-z0-9._-]+(#[A-Za-z0-9_-]*)?$/.test(path) ? path : "";
}

function portIn(body: unknown): number | undefined {
  const port = member(body, "port");
  return typeof port === "number" && Number.isInteger(port) && port > 0 && port < 65536 ? port : undefined;
}

function textIn(body: unknown, name: string): string {
  const text = member(body, name);
  return typeof text === "string" ? text.slice(0, longest) : "";
}

function listIn(body: unknown, name: string, most: number): unknown[] {
  const list = member(body, name);
  return Array.isArray(list) ? list.slice(0, most) : [];
}

/** An address or a host's name: nothing else goes into a connection file. */
function isAddress(text: string): boolean {
  return /^[0-9A-Za-z][0-9A-Za-z.:-]{0,252}$|^[0-9a-fA-F:]{2,45}$/.test(text);
}
