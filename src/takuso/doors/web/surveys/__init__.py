"""ログ調査 on screen: the desk AL20, results, and files that are sent."""
