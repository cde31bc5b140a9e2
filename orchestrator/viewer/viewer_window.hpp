// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The window of rescue-viewer: the form, the waiting page and the guest's console.

#include "orchestrator/viewer/connection.hpp"

#include <gtk/gtk.h>
#include <vncdisplay.h>

#include <memory>
#include <string>

namespace rescue::viewer {

/// Exists once, until GTK's main loop ends; closing the window ends that.
class ViewerWindow {
public:
  /// `name` of the helper, for the customer.
  explicit ViewerWindow(std::string name);
  ~ViewerWindow();
  ViewerWindow(const ViewerWindow&) = delete;
  ViewerWindow& operator=(const ViewerWindow&) = delete;

  /// Fills the form, and shows the problem if there is one.
  void show_form(const Entered& entered, const Problem* problem);
  /// Connects at once.
  void connect_to(Target target);

private:
  void build_form();
  void build_waiting();
  void build_console();
  GtkWidget* add_field(GtkWidget* grid, int row, const char* label, const char* hint);
  GtkWidget* add_item(GtkWidget* menu, const char* label, GCallback action);
  void build_menu(GtkWidget* box);

  void connect_from_form();
  void show_problem(const Problem& problem);
  void show_progress(const std::string& text);
  void show_console(Console console);
  void back_to_form();
  void set_title(const std::string& text);
  void set_full_screen(bool on);
  void send_keys(std::initializer_list<guint> keys);

  std::string name_;
  GtkWidget* window_ = nullptr;
  GtkWidget* pages_ = nullptr;
  GtkWidget* ticket_ = nullptr;
  GtkWidget* address_ = nullptr;
  GtkWidget* port_ = nullptr;
  GtkWidget* message_ = nullptr;
  GtkWidget* hint_ = nullptr;
  GtkWidget* waiting_text_ = nullptr;
  GtkWidget* spinner_ = nullptr;
  GtkWidget* menu_ = nullptr;
  GtkWidget* keys_menu_ = nullptr;
  GtkWidget* status_ = nullptr;
  GtkWidget* console_box_ = nullptr;
  VncDisplay* display_ = nullptr;
  bool full_screen_ = false;
  std::unique_ptr<Connection> connection_;
};

}  // namespace rescue::viewer
