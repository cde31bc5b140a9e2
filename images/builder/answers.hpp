// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Fills the answer medium: the answer file, and for Windows also drivers, guest agent, OpenSSH and scripts.

#include "core/secret.hpp"
#include "images/builder/answer_medium.hpp"
#include "images/windows/build_plan.hpp"

#include <string>
#include <vector>

namespace rescue::builder {

/// Folders of the provider; empty: none.
struct OwnFiles {
  std::string extra;    ///< goes to extra/; its install.cmd is run at the end
  std::string scripts;  ///< goes to scripts/; each *.cmd is run
  /// Scripts for customers (images/windows/scripts): go to C:\\Rescue of a Windows, their README.txt to every desktop.
  std::string for_customers{};
};

/// The whole medium for a Windows that was planned. `request` has the paths of the media. Throws as `AnswerMedium`
/// does.
void add_windows_answers(AnswerMedium& answers, const windows::BuildPlan& plan, const windows::BuildRequest& request,
                         const OwnFiles& own, const Secret& password);

/// The same answer file for the stand-in, which understands the name of the computer and Administrator's password.
void add_standin_answers(AnswerMedium& answers, const std::string& computer_name, const OwnFiles& own,
                         const Secret& password);

/// Script that Setup runs at the end of its pass `specialize`: installs what the medium has. It writes
/// C:\Windows\Panther\rescue-install.log, and rescue-install.failed beside it if something failed. `scripts`: files of
/// the medium that are run at the end.
[[nodiscard]] std::string install_script(const windows::BuildPlan& plan, const std::vector<std::string>& scripts);

}  // namespace rescue::builder
