// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Parses PowerShell scripts with tree-sitter's grammar, and checks what a parser can see: syntax of Windows PowerShell 5.1,
// known commands, known variables, a complete help. It runs nothing.
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { createRequire } from 'node:module';
import { Language, Parser } from 'web-tree-sitter';

const require = createRequire(import.meta.url);
const library = 'RescueCommon.ps1';

// Commands of Windows PowerShell 5.1 and programs of Windows that the scripts may use. None needs the internet.
const commands = new Set(`
  add-type export-csv foreach-object format-list get-bitlockervolume get-childitem get-command get-content get-date
  get-disk get-partition get-psdrive get-volume get-wmiobject import-csv join-path new-object new-winuserlanguagelist
  out-null out-string read-host remove-item restart-service set-content set-culture set-disk set-itemproperty
  set-partition set-strictmode set-winuserlanguagelist sort-object test-path where-object write-host
  bcdedit.exe reg.exe`.split(/\s+/));
const variables = new Set(`
  _ args confirmpreference erroractionpreference false input lastexitcode matches null pscmdlet psscriptroot
  psuiculture true whatifpreference`.split(/\s+/));
// Nodes that only PowerShell 7 knows.
const newer = new Set(['pipeline_chain_tail', 'ternary_expression', 'null_coalescing_expression']);

await Parser.init();
const parser = new Parser();
parser.setLanguage(await Language.load(require.resolve('tree-sitter-powershell/tree-sitter-powershell.wasm')));

const text_of = (node) => node.text.replace(/^[$@]/, '').replace(/^\{|\}$/g, '').toLowerCase();
const all = (root, type) => root.descendantsOfType(type);

class Script {
  constructor(path, text) {
    this.path = path;
    this.name = basename(path);
    this.text = text;
    this.tree = parser.parse(this.text).rootNode;
    this.faults = [];
    this.functions = new Set(all(this.tree, 'function_name').map(text_of));
    this.assigned = new Set([
      ...all(this.tree, 'left_assignment_expression').flatMap((node) => all(node, 'variable')),
      ...all(this.tree, 'script_parameter').flatMap((node) => all(node, 'variable')),
      ...all(this.tree, 'foreach_statement').map((node) => node.namedChildren.find((child) => child.type === 'variable')),
    ].map((node) => text_of(node).replace(/^script:/, '')));
  }

  fault(node, message) {
    this.faults.push(`${this.path}:${node.startPosition.row + 1}: ${message}`);
  }

  check_syntax() {
    const visit = (node) => {
      if (node.isError || node.isMissing) return this.fault(node, `can't be parsed: ${node.text.split('\n')[0].slice(0, 60)}`);
      if (newer.has(node.type)) this.fault(node, 'is syntax of PowerShell 7');
      if (node.type === 'try_statement' && !node.children.some((child) => /^(catch|finally)/.test(child.type))) {
        this.fault(node, 'try has neither catch nor finally');
      }
      node.children.forEach(visit);
    };
    visit(this.tree);
    if (/[^\x00-\x7f]/.test(this.text)) this.fault(this.tree, 'is not ASCII: Windows PowerShell reads it in the machine\'s code page');
    if (/\t/.test(this.text)) this.fault(this.tree, 'has tabs');
  }

  check_names(shared) {
    for (const node of all(this.tree, 'command_name')) {
      const name = text_of(node);
      if (!commands.has(name) && !this.functions.has(name) && !shared.functions.has(name)) {
        this.fault(node, `${node.text} is no known command`);
      }
    }
    for (const node of all(this.tree, 'variable')) {
      const name = text_of(node).replace(/^script:/, '');
      const known = variables.has(name) || name.startsWith('env:') || this.assigned.has(name) || shared.assigned.has(name);
      if (!known) this.fault(node, `$${name} is never set`);
    }
  }

  // A script that customers start explains itself, asks, and documents each parameter.
  check_help() {
    const block = all(this.tree, 'param_block').find((node) => node.parent.type === 'program');
    if (!block || !/SupportsShouldProcess\s*=\s*\$true/.test(block.text)) this.fault(this.tree, 'has no -WhatIf');
    for (const section of ['.SYNOPSIS', '.DESCRIPTION', '.EXAMPLE', 'Exit codes:']) {
      if (!this.text.includes(section)) this.fault(this.tree, `has no ${section} in its help`);
    }
    for (const parameter of block ? all(block, 'script_parameter') : []) {
      const name = parameter.namedChildren.find((child) => child.type === 'variable').text.slice(1);
      if (!this.text.includes(`.PARAMETER ${name}\n`)) this.fault(parameter, `-${name} is not in its help`);
    }
    for (const [, name] of this.text.matchAll(/^\.PARAMETER (\S+)$/gm)) {
      if (!this.assigned.has(name.toLowerCase())) this.fault(this.tree, `its help has -${name}, which does not exist`);
    }
    if (!/\$PSCmdlet\.ShouldProcess\(/.test(this.text)) this.fault(this.tree, 'never asks');
    if (!/\nexit \$exitCode\n$/.test(this.text)) this.fault(this.tree, 'does not end with its exit code');
  }
}

function faults_of(scripts) {
  const shared = scripts.find((script) => script.name === library) ?? { functions: new Set(), assigned: new Set() };
  for (const script of scripts) {
    script.check_syntax();
    const stands_alone = !script.text.includes(library);
    script.check_names(stands_alone ? { functions: new Set(), assigned: new Set() } : shared);
    if (script.name !== library && script.text.includes('.SYNOPSIS')) script.check_help();
  }
  return scripts.flatMap((script) => script.faults);
}

// The check must find each kind of fault in a script that has one.
const known_faults = [
  ["can't be parsed", 'if ($true { 1 }\n'],
  ["can't be parsed", 'Get-Disk "unclosed\n'],
  ["can't be parsed", '$a = 1; $b = $a ?? 2\n'],
  ["can't be parsed", '$a = $true ? 1 : 2\n'],
  ['PowerShell 7', 'Get-Disk && Get-Volume\n'],
  ['neither catch nor finally', 'function f { try { 1 } }\n'],
  ['is not ASCII', 'Write-Host "\u00e9"\n'],
  ['wmic is no known command', 'wmic disk list\n'],
  ['Get-Dsik is no known command', 'Get-Dsik\n'],
  ['$pat is never set', '$path = 1; Write-Host $pat\n'],
  ['has no -WhatIf', '# .SYNOPSIS\nGet-Disk\n'],
  ['never asks', '# .SYNOPSIS\n[CmdletBinding(SupportsShouldProcess = $true)]\nparam([switch]$Force)\n'],
  ['-Force is not in its help', '# .SYNOPSIS\n[CmdletBinding(SupportsShouldProcess = $true)]\nparam([switch]$Force)\n'],
];
for (const [fault, text] of known_faults) {
  const found = faults_of([new Script('faulty.ps1', text)]);
  if (found.some((line) => line.includes(fault))) continue;
  console.log(`the check does not find "${fault}" in: ${text}`);
  process.exit(1);
}

// The scripts in the actions of an image's manifest: each is one argument of powershell.exe.
function scripts_of_actions(path) {
  return Object.entries(JSON.parse(readFileSync(path, 'utf8'))).flatMap(([action, { commands = [] }]) =>
    commands.filter((argv) => argv.includes('-Command')).map((argv) => new Script(`${path}:${action}`, `${argv.at(-1)}\n`)));
}
const paths = process.argv.slice(2);
const faults = faults_of(paths.flatMap((path) =>
  path.endsWith('.json') ? scripts_of_actions(path) : [new Script(path, readFileSync(path, 'utf8'))]));
faults.forEach((fault) => console.log(fault));
process.exit(faults.length > 0 || paths.length === 0 ? 1 : 0);
