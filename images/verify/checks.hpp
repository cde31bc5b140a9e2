// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Checks of the contract's points, in files by topic. Each returns a verdict about the subject.

#include "images/verify/contract.hpp"

namespace rescue::verify {

// file_checks.cpp: the image's file, without a boot
Verdict check_digest(Subject& subject);
Verdict check_image_file(Subject& subject);
Verdict check_partition_table(Subject& subject);
Verdict check_recovery_partition(Subject& subject);
Verdict check_disk_identifier(Subject& subject);

// boot_checks.cpp: start, guest agent, console
Verdict check_boot(Subject& subject);
Verdict check_restarts(Subject& subject);
Verdict check_agent(Subject& subject);
Verdict check_agent_commands(Subject& subject);
Verdict check_hostname(Subject& subject);
Verdict check_dhcp(Subject& subject);
Verdict check_serial_console(Subject& subject);
Verdict check_idle_writes(Subject& subject);

// access_checks.cpp: password, SSH, RDP
Verdict check_set_password(Subject& subject);
Verdict check_ssh_banner(Subject& subject);
Verdict check_ssh_login(Subject& subject);
Verdict check_wrong_password(Subject& subject);
Verdict check_rdp(Subject& subject);
Verdict check_nla(Subject& subject);

// disk_checks.cpp: the second disk
Verdict check_disk_visible(Subject& subject);
Verdict check_disk_unused(Subject& subject);
Verdict check_disk_unchanged(Subject& subject);

// action_checks.cpp: SSH keys, keyboard, texts
Verdict check_ssh_keys(Subject& subject);
Verdict check_actions(Subject& subject);
Verdict check_keys_only(Subject& subject);

// power_checks.cpp
Verdict check_reboot(Subject& subject);
Verdict check_agent_shutdown(Subject& subject);
Verdict check_power_button(Subject& subject);

// windows_checks.cpp: by PowerShell through the agent
Verdict check_drivers(Subject& subject);
Verdict check_services(Subject& subject);
Verdict check_san_policy(Subject& subject);
Verdict check_device_encryption(Subject& subject);
Verdict check_updates(Subject& subject);
Verdict check_hibernation(Subject& subject);
Verdict check_optimiser(Subject& subject);
Verdict check_keyboards(Subject& subject);
Verdict check_firewall(Subject& subject);
Verdict check_pending_restart(Subject& subject);

}  // namespace rescue::verify
