// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/builder/answers.hpp"

#include "core/text.hpp"
#include "images/windows/answer_file.hpp"

#include <fmt/format.h>

#include <filesystem>

namespace rescue::builder {
namespace {

constexpr const char* answer_file_name = "autounattend.xml";
constexpr const char* install_name = "rescue-install.cmd";

void add_answer_file(AnswerMedium& answers, windows::AnswerSettings settings, const Secret& password) {
  settings.administrator_password = &password;
  auto text = windows::answer_file(settings);
  answers.add_secret(answer_file_name, text);
  wipe(text);
}

/// Copies the scripts for customers; run in the pass `specialize`, before the first login.
constexpr const char* copy_for_customers =
    "@echo off\r\n"
    "xcopy /e /i /y /q \"%~dp0customers\" \"%SystemDrive%\\Rescue\" || exit /b 1\r\n"
    "copy /y \"%~dp0customers\\README.txt\" \"%PUBLIC%\\Desktop\\RESCUE - READ ME.txt\"\r\n";

void add_for_customers(AnswerMedium& answers, const std::string& folder, std::vector<std::string>& to_run) {
  if (folder.empty()) return;
  answers.add_from(*media::open_medium(folder), "", "customers");
  answers.add("customers.cmd", copy_for_customers);
  to_run.emplace_back("customers.cmd");
}

/// Adds the provider's files, and returns those that are to be run, in their order.
std::vector<std::string> add_own_files(AnswerMedium& answers, const OwnFiles& own) {
  std::vector<std::string> to_run;
  if (!own.scripts.empty()) {
    const auto scripts = media::open_medium(own.scripts);
    answers.add_from(*scripts, "", "scripts");
    for (const auto& file : scripts->files()) {
      const bool is_at_top = file.path.find('/') == std::string::npos;
      if (is_at_top && lower_case(file.path).ends_with(".cmd")) to_run.push_back(R"(scripts\)" + file.path);
    }
  }
  if (!own.extra.empty()) {
    const auto extra = media::open_medium(own.extra);
    answers.add_from(*extra, "", "extra");
    if (extra->find("install.cmd") != nullptr) to_run.emplace_back(R"(extra\install.cmd)");
  }
  return to_run;
}

void add_open_ssh(AnswerMedium& answers, const windows::OpenSsh& source) {
  if (source.medium.empty()) return;
  const auto medium = media::open_medium(source.medium);
  const std::filesystem::path path(source.path);
  if (source.source == "zip") {
    answers.add_from(*medium, path.parent_path().string(), "openssh");
  } else {
    answers.add_file_from(*medium, source.path, "openssh/" + path.filename().string());
  }
}

/// Lines for one program: a heading in the log, the command, and its failure. The redirection comes first: behind a
/// digit it would be that of a handle.
std::string step(const std::string& title, const std::string& command) {
  return fmt::format(">>\"%log%\" echo == {0}\r\n{1} >>\"%log%\" 2>&1\r\ncall :result {0}\r\n", title, command);
}

std::string open_ssh_steps(const windows::BuildPlan& plan) {
  if (!plan.open_ssh || plan.open_ssh->source == "inbox") return "";
  std::string lines;
  if (plan.open_ssh->source == "zip") {
    lines += step("copy OpenSSH", R"(xcopy /e /i /y /q "%medium%openssh" "%ProgramFiles%\OpenSSH")");
    lines +=
        step("install OpenSSH",
             R"(powershell.exe -NoProfile -ExecutionPolicy Bypass -File "%ProgramFiles%\OpenSSH\install-sshd.ps1")");
  } else {
    const auto package = std::filesystem::path(plan.open_ssh->path).filename().string();
    lines +=
        step("install OpenSSH",
             fmt::format(R"(dism.exe /online /norestart /add-package /packagepath:"%medium%openssh\{}")", package));
  }
  return lines + step("start the SSH server with Windows", "sc.exe config sshd start= auto");
}

constexpr const char* script_head = "@echo off\r\n"
                                    "rem Run by Windows Setup as SYSTEM. Idempotent.\r\n"
                                    "setlocal\r\n"
                                    "set \"medium=%~dp0\"\r\n"
                                    "set \"log=%SystemRoot%\\Panther\\rescue-install.log\"\r\n"
                                    "set \"failed=%SystemRoot%\\Panther\\rescue-install.failed\"\r\n"
                                    "if exist \"%failed%\" del /f /q \"%failed%\"\r\n";

/// Exit codes of installers that mean success: 0, 1641 and 3010 (a restart is needed).
constexpr const char* script_tail = "exit /b 0\r\n"
                                    ":result\r\n"
                                    "set code=%errorlevel%\r\n"
                                    ">>\"%log%\" echo exit code %code%\r\n"
                                    "if %code%==0 exit /b 0\r\n"
                                    "if %code%==1641 exit /b 0\r\n"
                                    "if %code%==3010 exit /b 0\r\n"
                                    ">>\"%failed%\" echo %* failed with %code%\r\n"
                                    "exit /b 0\r\n";

}  // namespace

std::string install_script(const windows::BuildPlan& plan, const std::vector<std::string>& scripts) {
  std::string script = script_head;
  if (plan.agent) {
    script += step("install the guest agent", R"(msiexec.exe /i "%medium%agent\qemu-ga-x86_64.msi" /qn /norestart)");
  }
  script += open_ssh_steps(plan);
  // In an interpreter of their own: a script that says `exit` ends only itself.
  for (const auto& name : scripts) script += step(name, fmt::format(R"(cmd.exe /d /s /c ""%medium%{}"")", name));
  return script + script_tail;
}

void add_windows_answers(AnswerMedium& answers, const windows::BuildPlan& plan, const windows::BuildRequest& request,
                         const OwnFiles& own, const Secret& password) {
  auto settings = plan.answers;
  settings.install_script = install_name;
  add_answer_file(answers, settings, password);
  const auto virtio = media::open_medium(request.virtio);
  for (const auto& driver : plan.drivers.drivers) answers.add_from(*virtio, driver.folder, "drivers/" + driver.name);
  if (plan.agent) answers.add_file_from(*virtio, plan.agent->path, "agent/qemu-ga-x86_64.msi");
  if (plan.open_ssh) add_open_ssh(answers, *plan.open_ssh);
  std::vector<std::string> scripts;
  add_for_customers(answers, own.for_customers, scripts);
  const auto own_scripts = add_own_files(answers, own);
  scripts.insert(scripts.end(), own_scripts.begin(), own_scripts.end());
  answers.add(install_name, install_script(plan, scripts));
}

void add_standin_answers(AnswerMedium& answers, const std::string& computer_name, const OwnFiles& own,
                         const Secret& password) {
  windows::AnswerSettings settings;
  settings.computer_name = computer_name;
  add_answer_file(answers, settings, password);
  (void)add_own_files(answers, own);
}

}  // namespace rescue::builder
