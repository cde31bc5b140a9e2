// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Commands of netbootctl about rescues, tasks and power.
#include "netboot/cli/command_line.hpp"

#include <string>

namespace rescue::netboot::cli {
namespace {

void add_rescue_start(CLI::App& group, Options& options) {
  auto& rescue = options.rescue;
  auto* const start = add_command_of(
      &Session::rescue, group, options, "start", "Boot a server into a rescue session",
      "netbootctl rescue start web-01 --generate-key web-01.key --reason 'ticket 4711' --wait",
      +[](RescueCommands& commands, const Options& given) { return commands.start(given.rescue); });
  start->add_option("NAME", rescue.server, "The server's name")->required();
  auto* const key =
      start->add_option("--public-key", rescue.public_key_file, "File with the public key to seal the credentials to");
  start->add_option("--generate-key", rescue.new_key_file, "Create a key pair first: FILE and FILE.pub")->excludes(key);
  start->add_option("--policy", rescue.policy, "until-finished (default) or once");
  start->add_option("--ttl", rescue.ttl, "Duration of the lease: 30m, 4h");
  start->add_option("--reason", rescue.reason, "Reason, shown with the lease");
  start->add_option("--on-shutdown", rescue.on_shutdown, "When the guest shuts down: restart (default), finish, keep");
  start->add_option("--disk-mode", rescue.disk_mode, "rw (default), ro or overlay");
  start->add_option("--then", rescue.then, "After the session: reboot (default), poweroff or stay");
  start->add_option("--image", rescue.image, "The rescue image (default: default)");
  start->add_option("--power", rescue.power, "cycle (default if there is a BMC), or none: you reset the server");
  auto* const notify = start->add_option("--notify", rescue.notify, "Mail address to notify of the session");
  start->add_option("--language", rescue.language, "Language of that mail (default en)")->needs(notify);
  start
      ->add_option("--link", rescue.link,
                   "Make a one-time link of the credentials: yes or no (default: yes with --notify)")
      ->check(CLI::IsMember({"yes", "no"}));
  start
      ->add_option(
          "--code", rescue.code,
          "How the link's code reaches the customer: panel (default; 'rescue code' prints it), none, or webhook. "
          "With none and webhook netbootd can read the secret until it is revealed")
      ->check(CLI::IsMember({"panel", "none", "webhook"}));
  start->add_option("--keyboard", rescue.keyboard, "Keyboard layout of the guest's console: us, gb, de, fr, ch, ...");
  auto* const keys =
      start->add_option("--ssh-key", rescue.ssh_key_files, "File with an SSH public key; repeat for several");
  start
      ->add_flag("--keys-only", rescue.keys_only,
                 "No password logins over SSH in the guest; RDP still needs the password")
      ->needs(keys);
  start->add_flag("--wait", rescue.wait, "Wait until the session serves or fails");
}

void add_link_commands(CLI::App& group, Options& options) {
  auto* const code = add_command_of(
      &Session::rescue, group, options, "code", "Print the one-time link for the customer, and its code",
      "netbootctl rescue code web-01 --key web-01.key",
      +[](RescueCommands& commands, const Options& given) { return commands.code(given.code); });
  code->add_option("NAME", options.code.server, "The server's name")->required();
  code->add_option("--key", options.code.secret_key_file, "File with the secret key that fits the request's public key")
      ->required();
  code->add_option("--output", options.code.output, "New file for them, mode 0600 (default: standard output)");
  auto* const reissue = add_command_of(
      &Session::rescue, group, options, "reissue",
      "Set and prove a new password, and deliver it; revokes the one-time link of the old one",
      "netbootctl rescue reissue web-01 --wait", +[](RescueCommands& commands, const Options& given) {
        return commands.reissue(given.rescue.server, given.rescue.wait);
      });
  reissue->add_option("NAME", options.rescue.server, "The server's name")->required();
  reissue->add_flag("--wait", options.rescue.wait, "Wait until the task has ended");
}

}  // namespace

void add_rescue_commands(CLI::App& app, Options& options) {
  auto* const group = add_group(app, "rescue", "Rescue session of a server", "netbootctl rescue show web-01");
  add_rescue_start(*group, options);
  auto* const show = add_command_of(
      &Session::rescue, *group, options, "show", "Show the session and how to connect", "netbootctl rescue show web-01",
      +[](RescueCommands& commands, const Options& given) { return commands.show(given.rescue.server); });
  show->add_option("NAME", options.rescue.server, "The server's name")->required();
  auto* const extend = add_command_of(
      &Session::rescue, *group, options, "extend", "Move the end of the session's lease to a later time",
      "netbootctl rescue extend web-01 --for 4h",
      +[](RescueCommands& commands, const Options& given) { return commands.extend(given.extension); });
  extend->add_option("NAME", options.extension.server, "The server's name")->required();
  auto* const duration = extend->add_option("--for", options.extension.ttl, "Duration from now on: 30m, 4h");
  extend->add_option("--until", options.extension.until, "The end itself: 2026-11-30T18:00:00Z")->excludes(duration);
  auto* const finish = add_command_of(
      &Session::rescue, *group, options, "finish", "End the session; the server boots its disk again",
      "netbootctl rescue finish web-01 --then reboot --wait",
      +[](RescueCommands& commands, const Options& given) { return commands.finish(given.end); });
  finish->add_option("NAME", options.end.server, "The server's name")->required();
  finish->add_option("--then", options.end.then, "reboot, poweroff or stay (default: as 'rescue start' said)");
  finish->add_option("--changes", options.end.changes,
                     "Keep or discard what the guest wrote to the disks: keep (default) or discard");
  finish->add_flag("--force", options.end.force,
                   "Power-cycle a host that is silent or does not obey, even if a VM runs");
  finish->add_flag("--wait", options.end.wait, "Wait until the task has ended");
  auto* const credentials = add_command_of(
      &Session::rescue, *group, options, "credentials", "Collect the credentials; possible only once",
      "netbootctl rescue credentials web-01 --secret-key web-01.key --output web-01.credentials",
      +[](RescueCommands& commands, const Options& given) { return commands.credentials(given.credentials); });
  credentials->add_option("NAME", options.credentials.server, "The server's name")->required();
  credentials
      ->add_option("--secret-key", options.credentials.secret_key_file,
                   "File with the secret key that fits the request's public key")
      ->required();
  credentials->add_option("--output", options.credentials.output,
                          "New file for them, mode 0600 (default: the terminal)");
  add_link_commands(*group, options);
}

void add_task_commands(CLI::App& app, Options& options) {
  auto* const group = add_group(app, "task", "Tasks of netbootd", "netbootctl task list web-01");
  auto* const show = add_command_of(
      &Session::rescue, *group, options, "show", "Show a task with its steps", "netbootctl task show t-7 --wait",
      +[](RescueCommands& commands, const Options& given) { return commands.task_show(given.task, given.wait); });
  show->add_option("ID", options.task, "The task: t-7")->required();
  show->add_flag("--wait", options.wait, "Wait until the task has ended");
  auto* const list = add_command_of(
      &Session::rescue, *group, options, "list", "List tasks, latest first", "netbootctl task list web-01",
      +[](RescueCommands& commands, const Options& given) { return commands.task_list(given.tasks); });
  list->add_option("NAME", options.tasks.server, "The server's name (default: all servers)");
  list->add_option("--kind", options.tasks.kind,
                   "Only this kind: rescue, finish, power, reissue, ticket or ticket-end");
  list->add_option("--state", options.tasks.state,
                   "Only in this state: queued, running, succeeded, failed or cancelled");
  list->add_option("--limit", options.tasks.limit, "Maximum number of tasks, 1 to 1000 (default 100)");
  auto* const cancel = add_command_of(
      &Session::rescue, *group, options, "cancel", "Cancel a task that has not yet acted on the server",
      "netbootctl task cancel t-7",
      +[](RescueCommands& commands, const Options& given) { return commands.task_cancel(given.task); });
  cancel->add_option("ID", options.task, "The task: t-7")->required();
}

void add_power_commands(CLI::App& app, Options& options) {
  auto* const group = add_group(app, "power", "Power of a server, through its BMC", "netbootctl power show web-01");
  auto* const show = add_command_of(
      &Session::rescue, *group, options, "show", "Ask the BMC whether the server is on", "netbootctl power show web-01",
      +[](RescueCommands& commands, const Options& given) { return commands.power_show(given.power.server); });
  auto* const set = add_command_of(
      &Session::rescue, *group, options, "set", "Switch the power and check that it worked",
      "netbootctl power set web-01 cycle --wait",
      +[](RescueCommands& commands, const Options& given) { return commands.power_set(given.power); });
  auto* const device = add_command_of(
      &Session::commands, *group, options, "boot-device", "Set or clear the boot device override of the BMC",
      "netbootctl power boot-device web-01 pxe", +[](Commands& commands, const Options& given) {
        return commands.boot_device_set(given.power.server, given.power.boot_device, given.lasting);
      });
  for (auto* const command : {show, set, device}) {
    command->add_option("NAME", options.power.server, "The server's name")->required();
  }
  device->add_option("DEVICE", options.power.boot_device, "pxe, disk, or none: the firmware's boot order")->required();
  device->add_flag("--lasting", options.lasting, "For every boot from now on (default: the next one only)");
  set->add_option("ACTION", options.power.action, "on, off, cycle, reset, shutdown or restart")->required();
  set->add_option("--boot-device", options.power.boot_device, "For the next boot only: none (default), pxe or disk");
  set->add_flag("--force", options.power.force, "Also during a live rescue session: the customer's VM loses power");
  set->add_flag("--wait", options.power.wait, "Wait until the task has ended");
}

}  // namespace rescue::netboot::cli
