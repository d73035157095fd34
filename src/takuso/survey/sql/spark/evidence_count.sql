SELECT count(*) FROM log WHERE /*where*/;
