<?php
return [
    'BE' => [
        'debug' => true,
        'installToolPassword' => '$argon2i$v=19$m=65536,t=16,p=1$TVFqZ0JHRXhhbXBsZQ$9mQ4mM3dExAmPlEhAsHvAlUeOnLyForTeStS0000000',
        'passwordHashing' => ['className' => 'TYPO3\\CMS\\Core\\Crypto\\PasswordHashing\\Argon2iPasswordHash', 'options' => []],
    ],
    'DB' => [
        'Connections' => [
            'Default' => [
                'charset' => 'utf8mb4',
                'dbname' => 'typo3',
                'driver' => 'mysqli',
                'host' => 'db',
                'password' => 'dev',
                'port' => 3306,
                'user' => 'dev',
            ],
        ],
    ],
    'SYS' => [
        'devIPmask' => '*',
        'displayErrors' => 1,
        'encryptionKey' => 'c7a1e5f2b8d94036a7e1c5f2b8d94036a7e1c5f2b8d94036a7e1c5f2b8d94036a7e1c5f2b8d94036a7e1c5f2b8d94036',
        'exceptionalErrors' => 12290,
        'sitename' => 'Stadtwerke Musterstadt',
        'trustedHostsPattern' => '.*',
    ],
];
