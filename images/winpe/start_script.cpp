// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/winpe/start_script.hpp"

#include <string_view>

namespace rescue::winpe {
namespace {

std::string with_cr_lf(std::string_view text) {
  std::string result;
  for (const char character : text) {
    if (character == '\n') result += '\r';
    result += character;
  }
  return result;
}

}  // namespace

/// The SAN policy comes before the drivers: a customer's disk on virtio-scsi does not exist for Windows PE until then,
/// and is offline when it appears. 3 is OfflineAll.
std::string start_script() {
  return with_cr_lf(R"(@echo off
setlocal
set RESCUE=%SystemDrive%\rescue
set LOG=%RESCUE%\start.log
echo Rescue: start >>"%LOG%"

echo Rescue: disks stay offline >>"%LOG%"
reg.exe add HKLM\SYSTEM\CurrentControlSet\Services\partmgr\Parameters /v SanPolicy /t REG_DWORD /d 3 /f >>"%LOG%" 2>&1

echo Rescue: wpeinit >>"%LOG%"
wpeinit.exe >>"%LOG%" 2>&1

for /r "%RESCUE%\drivers" %%I in (*.inf) do (
  echo Rescue: drvload %%I >>"%LOG%"
  drvload.exe "%%I" >>"%LOG%" 2>&1
)

echo Rescue: network >>"%LOG%"
wpeutil.exe InitializeNetwork >>"%LOG%" 2>&1
netsh.exe advfirewall firewall add rule name="Rescue SSH" dir=in action=allow protocol=TCP localport=22 >>"%LOG%" 2>&1
if errorlevel 1 wpeutil.exe DisableFirewall >>"%LOG%" 2>&1

echo Rescue: administrator >>"%LOG%"
net.exe user Administrator /active:yes >>"%LOG%" 2>&1

if exist "%RESCUE%\agent\qemu-ga.exe" (
  echo Rescue: guest agent >>"%LOG%"
  start "guest agent" /b "%RESCUE%\agent\qemu-ga.exe" -m virtio-serial -p \\.\Global\org.qemu.guest_agent.0
)
if exist "%RESCUE%\openssh\sshd.exe" (
  echo Rescue: sshd >>"%LOG%"
  if not exist "%ProgramData%\ssh" mkdir "%ProgramData%\ssh"
  "%RESCUE%\openssh\ssh-keygen.exe" -A >>"%LOG%" 2>&1
  start "sshd" /b "%RESCUE%\openssh\sshd.exe" -f "%RESCUE%\sshd_config"
)
echo Rescue: ready >>"%LOG%"
echo.
echo This is the small rescue system. Disks are offline: diskpart, "select disk N", "online disk", "attributes disk clear readonly".
echo What it did at its start is in %LOG%.
)");
}

std::string shell_settings() {
  return with_cr_lf("[LaunchApps]\n%SYSTEMROOT%\\System32\\cmd.exe, /k %SYSTEMROOT%\\System32\\startnet.cmd\n");
}

std::string ssh_settings() {
  return with_cr_lf("Port 22\nPasswordAuthentication yes\nPubkeyAuthentication no\nSubsystem sftp sftp-server.exe\n");
}

}  // namespace rescue::winpe
