SELECT l.index, l.body AS record FROM log.leaf l WHERE l.kind = 'key' ORDER BY l.index
