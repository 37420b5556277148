<?php
if ( !defined( 'MEDIAWIKI' ) ) {
	exit;
}

$wgSitename = getenv( 'WIKI_NAME' );
$wgServer = 'https://wiki.example.org';
$wgScriptPath = '';
$wgArticlePath = '/wiki/$1';

$wgDBtype = 'mysql';
$wgDBserver = 'database';
$wgDBname = 'wiki';
$wgDBuser = 'wiki';
$wgDBpassword = 'wiki';

$wgMainCacheType = CACHE_MEMCACHED;
$wgMemCachedServers = [ 'parsoid-cache:11211' ];

$wgEnableUploads = true;
$wgSecretKey = getenv( 'WIKI_SECRET_KEY' );
$wgUpgradeKey = getenv( 'WIKI_UPGRADE_KEY' );
$wgGroupPermissions['*']['edit'] = false;
$wgGroupPermissions['*']['createaccount'] = false;
$wgShowExceptionDetails = false;
wfLoadSkin( 'Vector' );
