// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Answers the requests of one SFTP client (draft-ietf-secsh-filexfer-02, version 3).

#include "core/ssh/sftp_server.hpp"

#include <libssh/sftp.h>

#include <map>
#include <memory>

namespace rescue::ssh {

class SftpRequests {
public:
  /// The objects stay the caller's, and must live as long.
  SftpRequests(sftp_session session, SftpTree& tree, std::size_t most_open)
      : session_(session), tree_(tree), most_open_(most_open) {}

  /// Answers one request. Never throws for a request.
  void answer(sftp_client_message message);

private:
  struct Open {
    bool folder = false;
    std::uint64_t file = 0;
    std::string path;
    std::vector<SftpEntry> entries{};
    std::size_t next = 0;
  };
  void answer_or_throw(sftp_client_message message);
  void reply_attributes(sftp_client_message message, const SftpEntry& entry) const;
  void open(sftp_client_message message, bool folder);
  void read(sftp_client_message message);
  void read_folder(sftp_client_message message);
  void close(sftp_client_message message);
  [[nodiscard]] Open& opened(sftp_client_message message, bool folder);

  sftp_session session_;
  SftpTree& tree_;
  std::size_t most_open_;
  std::map<void*, std::unique_ptr<Open>> open_;
};

}  // namespace rescue::ssh
