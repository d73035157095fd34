SELECT user_id, day, employers, connected FROM found_viewers;
