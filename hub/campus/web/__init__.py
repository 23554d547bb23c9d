"""What people see of the campus: its pages, their templates, style and scripts."""
