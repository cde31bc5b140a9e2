// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// nbdkit plugin: exports a streamed image, read-only. `nbdkit ... rescue-stream-plugin.so settings=/run/.../x.json`
#include "core/error.hpp"
#include "core/file.hpp"
#include "images/stream/streamer.hpp"

#include <curl/curl.h>

#include <cerrno>
#include <memory>

#define NBDKIT_API_VERSION 2
#include <nbdkit-plugin.h>
#define THREAD_MODEL NBDKIT_THREAD_MODEL_PARALLEL

namespace {

using rescue::stream::Settings;
using rescue::stream::Streamer;

std::string settings_path;           // NOLINT: nbdkit's callbacks have no other place
std::unique_ptr<Streamer> streamer;  // NOLINT

/// Runs `action`; prints its exception, and returns -1 for one.
template <class Action>
int guarded(Action action) {
  try {
    action();
    return 0;
  } catch (const std::exception& error) {
    nbdkit_error("%s", rescue::report_of(error).one_line().c_str());
    return -1;
  }
}

void load() { curl_global_init(CURL_GLOBAL_DEFAULT); }

int config(const char* key, const char* value) {
  if (std::string_view(key) != "settings") {
    nbdkit_error("unknown parameter '%s'", key);
    return -1;
  }
  settings_path = value;
  return 0;
}

int config_complete() {
  if (!settings_path.empty()) return 0;
  nbdkit_error("settings=FILE is missing");
  return -1;
}

int get_ready() {
  return guarded([] {
    const auto settings = Settings::parse(rescue::Document::from_json(settings_path, rescue::read_file(settings_path)));
    auto digests = rescue::images::ChunkDigests::verified(settings.digests, settings.digests_sha256);
    streamer = std::make_unique<Streamer>(settings, std::move(digests));
  });
}

/// Threads do not survive nbdkit's fork: they begin after it.
int after_fork() {
  return guarded([] { streamer->start(); });
}

void cleanup() { streamer.reset(); }

void* open(int) { return &streamer; }
std::int64_t get_size(void*) { return static_cast<std::int64_t>(streamer->size()); }
int answer_no(void*) { return 0; }
int answer_yes(void*) { return 1; }

int pread(void*, void* buffer, std::uint32_t count, std::uint64_t offset, std::uint32_t) {
  int error = EIO;
  const int result = guarded([&] { error = streamer->read(offset, {static_cast<char*>(buffer), count}); });
  if (result == 0 && error == 0) return 0;
  nbdkit_set_error(error == 0 ? EIO : error);
  if (result == 0) nbdkit_error("no source for %u bytes at %llu", count, static_cast<unsigned long long>(offset));
  return -1;
}

nbdkit_plugin make_plugin() {
  nbdkit_plugin plugin{};
  plugin.name = "rescue-stream";
  plugin.longname = "verified stream of a rescue image";
  plugin.version = RESCUE_VERSION;
  plugin.config_help = "settings=FILE  (required) JSON, see docs/streaming.md";
  plugin.load = load;
  plugin.config = config;
  plugin.config_complete = config_complete;
  plugin.magic_config_key = "settings";
  plugin.get_ready = get_ready;
  plugin.after_fork = after_fork;
  plugin.cleanup = cleanup;
  plugin.open = open;
  plugin.get_size = get_size;
  plugin.can_write = answer_no;
  plugin.is_rotational = answer_no;
  plugin.can_multi_conn = answer_yes;
  plugin.pread = pread;
  return plugin;
}

nbdkit_plugin plugin = make_plugin();  // NOLINT: nbdkit keeps its address

}  // namespace

NBDKIT_REGISTER_PLUGIN(plugin)
