"""The statements of backup and restore, which know tables only as the database itself describes them."""
