// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Files for RDP clients, as credentials/connection_files.cpp makes them: without the password.

const settings = [
  "prompt for credentials:i:1", "promptcredentialonce:i:1", "enablecredsspsupport:i:1", "authentication level:i:2",
  "gatewayusagemethod:i:0", "redirectclipboard:i:1", "drivestoredirect:s:", "redirectdrives:i:0", "redirectprinters:i:0",
  "redirectcomports:i:0", "redirectsmartcards:i:0", "redirectposdevices:i:0", "redirectlocation:i:0",
  "redirectwebauthn:i:0", "usbdevicestoredirect:s:", "devicestoredirect:s:", "camerastoredirect:s:", "audiomode:i:2",
  "audiocapturemode:i:0", "autoreconnection enabled:i:1",
];

/** Content of an .rdp file: UTF-16 with a byte order mark if it is not ASCII. A user of several lines is left out. */
export function rdpFile(address: string, port: number, user: string): Uint8Array<ArrayBuffer> {
  const host = address.includes(":") ? `[${address}]` : address;
  const lines = [`full address:s:${host}:${port}`];
  if (!/[\u0000-\u001f\u007f]/.test(user)) lines.push(`username:s:${user}`);
  const text = [...lines, ...settings].map((line) => `${line}\r\n`).join("");
  if (/^[\u0000-\u007f]*$/.test(text)) return Uint8Array.from(text, (character) => character.charCodeAt(0));
  const file = new Uint8Array(2 + 2 * text.length);
  const view = new DataView(file.buffer);
  view.setUint16(0, 0xfeff, true);
  for (let at = 0; at < text.length; ++at) view.setUint16(2 + 2 * at, text.charCodeAt(at), true);
  return file;
}

/** A name for a file, from a server's name. */
export function fileName(server: string, ending: string): string {
  const plain = server.replace(/[^A-Za-z0-9._-]/g, "_").replace(/^\.+/, "").slice(0, 60);
  return `${plain === "" ? "server" : plain}.${ending}`;
}
